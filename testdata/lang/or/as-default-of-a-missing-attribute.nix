[ ({ }.a or 1) ({ }.a or { }.b or 2) ((x: { }.a or x) 3) ]
