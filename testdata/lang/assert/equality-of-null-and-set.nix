assert null == { }; 0
