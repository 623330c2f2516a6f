if true then 1 else with { }; undefinedName
