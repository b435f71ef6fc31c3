/*
 * Layer: test programs of the C library. Used by: window_app.c.
 * The entry of programs that have a WinMain.
 */
#include "windows.h"

int main(int argc, char **argv) {
    char line[1024] = "";
    for (int i = 1; i < argc; i++) {
        if (i > 1) strncat(line, " ", sizeof line - strlen(line) - 1);
        strncat(line, argv[i], sizeof line - strlen(line) - 1);
    }
    return WinMain(NULL, NULL, line, SW_HIDE);
}
