/a + "b/c"
