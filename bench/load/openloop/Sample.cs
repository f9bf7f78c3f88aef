internal readonly record struct Sample(SampleOutcome Outcome, double Milliseconds);
