[ ''foo'' '' foo'' ''foo '' ''  foo  '' ]
