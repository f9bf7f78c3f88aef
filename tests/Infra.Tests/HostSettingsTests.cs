using Infra.Tests.Azure;
using Infra.Tests.Support;

namespace Infra.Tests;

/// <summary>
/// Checks that each way to start a Functions host sets the settings that bindings name. A host does not know the app's defaults.
/// </summary>
public sealed class HostSettingsTests(AppMetadata app, Snapshots snapshots) : IClassFixture<AppMetadata>, IClassFixture<Snapshots>
{
    [Fact]
    public void Settings_BicepTemplates_AreSet()
    {
        Assert.All(app.SettingsOfBindings, name => Assert.NotEmpty(snapshots.Dev.AppSettings.GetProperty(name).GetString()!));
        Assert.All(app.ConnectionsOfBindings, name =>
            Assert.NotEmpty(snapshots.Dev.AppSettings.GetProperty($"{name}__queueServiceUri").GetString()!));
    }

    [Fact]
    public void Settings_HostImage_AreSet()
    {
        var image = Repository.Read("infra", "container", "functions-host.Dockerfile");

        Assert.All(app.SettingsOfBindings, name => Assert.Matches($@"\n(ENV|   ) {name}=[a-z-]+", image));
    }

    [Fact]
    public void Settings_SampleForFuncStart_AreSet()
    {
        using var sample = System.Text.Json.JsonDocument.Parse(Repository.Read("local.settings.sample.json"));
        var values = sample.RootElement.GetProperty("Values");

        Assert.NotEmpty(app.SettingsOfBindings);
        Assert.Equal(["InferenceStorage"], app.ConnectionsOfBindings);
        Assert.All(app.SettingsOfBindings.Concat(app.ConnectionsOfBindings), name =>
            Assert.NotEmpty(values.GetProperty(name).GetString()!));
    }
}
