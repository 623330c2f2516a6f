# test: parse
[ { } (rec { }) ]
