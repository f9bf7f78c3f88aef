namespace Functions.Poison;

internal enum PoisonAction
{
    List,
    Replay,
    Drop,
}
