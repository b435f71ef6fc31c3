// Layer: ESEInterchangeTests. Used by: the tests of this target.
