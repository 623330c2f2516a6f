let inherit y; in y
