// Layer: StationWeb/Page. Uses: nothing. Used by: index.html, before the first paint.
// Sets the theme that was chosen earlier, so that the page doesn't flash in the other one.
(() => {
  try {
    const theme = localStorage.getItem("oriel-theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // Storage may be forbidden: then the system's theme holds.
  }
})();
