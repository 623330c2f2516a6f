{ z ? undefinedFirst, name ? undefinedSecond }: undefinedThird
