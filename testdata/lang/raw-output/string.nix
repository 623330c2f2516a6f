# test: raw
"no quotes\n\\ and \"no newline\" at the end"
