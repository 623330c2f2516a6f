[ (1 == "1") (null == false) (null == { }) ([ ] == { }) ("/a" == /a) (true == 1) ((x: x) == 1) ("" == null) ]
