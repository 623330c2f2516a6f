"if then else ${"with"} let in rec inherit or assert"
