namespace System.Runtime.CompilerServices;

/// <summary>What the compiler needs for records on .NET Standard 2.0, which compilers load analyzers as.</summary>
internal static class IsExternalInit;
