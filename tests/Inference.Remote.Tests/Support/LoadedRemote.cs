using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Inference.Models;
using Inference.Remote.Access;
using Inference.Repository;
using Inference.Repository.Trust;
using Inference.Tensors;
using Inference.Testing;

namespace Inference.Remote.Tests.Support;

/// <summary>A loaded remote model. Its local id is m/1.</summary>
internal sealed class LoadedRemote : IAsyncDisposable
{
    private LoadedRemote(IModelSession session) => Session = session;

    public IModelSession Session { get; }

    /// <param name="remote">The group of the settings, with <c>{url}</c> for the server's address.</param>
    /// <param name="key">The key "known", for the server.</param>
    public static Task<LoadedRemote> LoadAsync(string remote, string? url = null, TimeProvider? time = null, string? key = null) =>
        LoadAsync(
        remote,
        url,
        key is null
            ? RemoteAccess.Unrestricted
            : RemoteAccess.Unrestricted with { Keys = Keys(new RemoteKey(key, RemoteOrigin.ParseOrNull(url!)!)) },
        time);

    public static async Task<LoadedRemote> LoadAsync(string remote, string? url, RemoteAccess access, TimeProvider? time = null)
    {
        var json = $$"""{"remote":{{remote.Replace("{url}", url, StringComparison.Ordinal)}}}""";
        var file = new SettingsFile("model.json", Encoding.UTF8.GetBytes(json));
        var settings = ModelConfigurationReader.Read(ModelName.Parse("m"), [file], TrustPolicy.Default).Settings;
        var runtime = new RemoteModelRuntime(access, time ?? TimeProvider.System);
        return new LoadedRemote(
            await runtime.LoadAsync(
                TestModels.Id("m"), new ModelFiles("model.json", null) { IsRemote = true }, settings, CancellationToken.None));
    }

    public static ImmutableDictionary<string, RemoteKey> Keys(RemoteKey known) => RemoteAccess.Unrestricted.Keys.Add("known", known);

    /// <summary>Runs the model with one row of two numbers, and returns the row of its only output as text.</summary>
    public async Task<string> RunAsync(float first, float second, CancellationToken cancellationToken = default)
    {
        using var input = Tensor.Create<float>(ElementType.Float32, new Shape(1, 2), [first, second]);
        var outputs = await Session.RunAsync([input], [0], cancellationToken);
        using var output = Assert.Single(outputs);
        return string.Join(' ', output.Values<float>().ToArray().Select(value => value.ToString(CultureInfo.InvariantCulture)));
    }

    public Task<InferenceException> FailAsync() => Assert.ThrowsAsync<InferenceException>(() => RunAsync(1, 2));

    public static string Text(ModelSignature signature) => string.Join(' ', signature.Inputs.Concat(signature.Outputs)
        .Select(spec => string.Create(CultureInfo.InvariantCulture, $"{spec.Name}:{spec.Type.Name()}{spec.Shape}")))
            + $" {signature.ItemAxis}";

    public ValueTask DisposeAsync() => Session.DisposeAsync();
}
