assert true == false; 0
