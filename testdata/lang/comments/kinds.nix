# line comment
/* block
   comment */ [
  1 # end of line
  /* inline */ 2 /**/ /***/ 3 /* ** * / */
  /** doc comment */ 4
]
