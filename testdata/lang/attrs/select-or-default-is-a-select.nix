{ }.a or { b = 5; }.b
