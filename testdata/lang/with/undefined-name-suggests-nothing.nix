with { abc = 1; }; abd
