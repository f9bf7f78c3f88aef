internal enum SampleOutcome
{
    Accepted,
    Refused,
    Failed,
}
