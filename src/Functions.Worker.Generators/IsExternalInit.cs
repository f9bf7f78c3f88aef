namespace System.Runtime.CompilerServices;

/// <summary>The type that the compiler needs for records on .NET Standard 2.0, which analyzers must target.</summary>
internal static class IsExternalInit;
