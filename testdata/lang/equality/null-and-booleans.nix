[ (null == null) (true == true) (true == false) (false == false) ]
