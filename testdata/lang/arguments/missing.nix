# test: arg n 1
{ n, m }: [ n m ]
