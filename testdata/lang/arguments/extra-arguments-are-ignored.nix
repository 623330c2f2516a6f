# test: arg n 1
# test: arg unused 2
{ n }: n
