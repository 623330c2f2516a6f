{ }.a or { }.b or { }.c or 7
