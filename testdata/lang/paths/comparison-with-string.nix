./a == toString ./a
