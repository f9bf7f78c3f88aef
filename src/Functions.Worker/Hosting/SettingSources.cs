using Functions.Worker.Standalone;
using Microsoft.Extensions.Configuration;

namespace Functions.Worker.Hosting;

/// <summary>The sources of settings. A later source overrides an earlier one.</summary>
internal static class SettingSources
{
    /// <summary>Adds every readable source; returns the problems of the sources that cannot be read.</summary>
    public static IReadOnlyList<string> AddTo(IConfigurationBuilder settings, string appRoot, string currentDirectory, string[] args)
    {
        var problems = new List<string>();
        AddFile(settings, Path.Combine(appRoot, "appsettings.json"), ReadAppSettings, problems);
        AddFile(settings, Path.Combine(appRoot, LocalSettings.FileName), LocalSettings.Read, problems);
        if (Path.TrimEndingDirectorySeparator(currentDirectory) != Path.TrimEndingDirectorySeparator(appRoot))
            AddFile(settings, Path.Combine(currentDirectory, LocalSettings.FileName), LocalSettings.Read, problems);
        // As in ASP.NET Core, ASPNETCORE_URLS sets "urls". An environment variable with the name "urls" overrides ASPNETCORE_URLS,
        // because the other environment variables are added later.
        if (Environment.GetEnvironmentVariable("ASPNETCORE_URLS") is { Length: > 0 } urls)
            settings.AddInMemoryCollection([new("urls", urls)]);
        settings.AddEnvironmentVariables();
        try
        {
            settings.AddCommandLine(args, new Dictionary<string, string> { ["--grpc-urls"] = GrpcEndpoints.UrlsSetting });
        }
        catch (FormatException e)
        {
            problems.Add($"The command line cannot be read: {e.Message} Write a setting as --<Section>:<Name> <value>.");
        }

        return problems;
    }

    /// <summary>
    /// Adds the sources of an app under a Functions host. The host passes its settings, including those of local.settings.json, as
    /// environment variables.
    /// </summary>
    public static IReadOnlyList<string> AddHostedTo(IConfigurationBuilder settings, string appRoot)
    {
        var problems = new List<string>();
        AddFile(settings, Path.Combine(appRoot, "appsettings.json"), ReadAppSettings, problems);
        settings.AddEnvironmentVariables();
        return problems;
    }

    private static void AddFile(
        IConfigurationBuilder settings, string path, Func<string, IEnumerable<KeyValuePair<string, string?>>> read, List<string> problems)
    {
        if (!File.Exists(path))
            return;

        try
        {
            settings.AddInMemoryCollection(read(path));
        }
        catch (Exception e) when (e is StartupException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            problems.Add(e is StartupException ? e.Message : $"{path} cannot be read: {(e.InnerException ?? e).Message}");
        }
    }

    private static IEnumerable<KeyValuePair<string, string?>> ReadAppSettings(string path) =>
        [.. new ConfigurationBuilder().AddJsonFile(path, optional: false, reloadOnChange: false).Build().AsEnumerable()];
}
