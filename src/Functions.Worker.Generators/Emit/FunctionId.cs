using System.Security.Cryptography;
using System.Text;
using Functions.Worker.Generators.Model;

namespace Functions.Worker.Generators.Emit;

/// <summary>The id by which the host identifies a function. The id is the same after every build and restart.</summary>
internal static class FunctionId
{
    public static string Compute(FunctionModel function)
    {
        using var sha = SHA256.Create();
        var hash = sha.ComputeHash(Encoding.UTF8.GetBytes($"{function.Name}\n{function.EntryPoint}"));
        return BitConverter.ToString(hash, 0, 16).Replace("-", "").ToLowerInvariant();
    }
}
