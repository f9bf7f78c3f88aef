using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StorageAccounts;

namespace Functions.Hosting.Configuration;

/// <summary>
/// Warns of unknown settings and of incomplete settings of the storage account. The server starts nevertheless: after a rollback, for
/// example, the settings of the newer version are still set, and the older version does not know them.
/// </summary>
internal sealed partial class SettingCheck(IConfiguration configuration, StorageAccount account, ILogger<SettingCheck> logger)
    : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var (key, _) in configuration.AsEnumerable().Where(setting => setting.Value is not null))
        {
            if (KnownSettings.FindProblem(key) is { } problem)
                SettingUnknown(problem);
        }

        if (account is { IsSet: true, Problem: { } accountProblem })
            StorageIncomplete(accountProblem);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(LogLevel.Warning, "{Problem}")]
    private partial void SettingUnknown(string problem);

    [LoggerMessage(LogLevel.Warning, "Jobs and queues cannot use their storage account. {Problem}")]
    private partial void StorageIncomplete(string problem);
}
