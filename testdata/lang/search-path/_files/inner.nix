"inner"
