import ./_files
