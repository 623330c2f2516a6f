[ /a/../b /a/./b ./. ./x ../printing ]
