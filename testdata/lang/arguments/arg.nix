# test: arg n 1+2
# test: argstr s text
{ n, s, d ? "default" }: [ n s d ]
