import ./_files/dir
