using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace Inference.Testing;

/// <summary>Installs the npm packages that the lock file of a folder in <c>tests/Inference.Testing</c> lists.</summary>
public static class NpmInstallation
{
    /// <summary>Installs the packages of a folder, unless they are already installed.</summary>
    /// <param name="package">The name of a folder with a <c>package-lock.json</c>.</param>
    /// <returns>The absolute path of the folder with the installed packages.</returns>
    public static string Ensure(string package)
    {
        var folder = FindFolder(package);
        // Two test projects may call this method at the same time.
        var name = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(folder)))[..16];
        using var mutex = new Mutex(initiallyOwned: false, $@"Global\npm-{name}");
        Acquire(mutex);
        try
        {
            if (!IsCurrent(folder))
                Install(folder);
        }
        finally
        {
            mutex.ReleaseMutex();
        }

        return folder;
    }

    private static void Acquire(Mutex mutex)
    {
        try
        {
            if (!mutex.WaitOne(WaitLimit.Program))
                throw new TimeoutException("Another process has been installing the packages for ten minutes.");
        }
        catch (AbandonedMutexException)
        {
            // The process that held the mutex has died, so this process owns the mutex. The installation is checked in any case.
        }
    }

    private static string FindFolder(string package)
    {
        for (var parent = new DirectoryInfo(AppContext.BaseDirectory); parent is not null; parent = parent.Parent)
        {
            var folder = Path.Combine(parent.FullName, "tests", "Inference.Testing", package);
            if (File.Exists(Path.Combine(folder, "package-lock.json")))
                return folder;
        }

        throw new DirectoryNotFoundException($"No tests/Inference.Testing/{package} above {AppContext.BaseDirectory}.");
    }

    /// <summary>
    /// Returns the path of a copy of the lock file. The copy is written last, so an interrupted or outdated installation has no equal copy.
    /// </summary>
    private static string GetStampPath(string folder) => Path.Combine(folder, "node_modules", ".installed-package-lock.json");

    private static bool IsCurrent(string folder) => File.Exists(GetStampPath(folder))
        && File.ReadAllText(GetStampPath(folder)) == File.ReadAllText(Path.Combine(folder, "package-lock.json"));

    private static void Install(string folder)
    {
        var start = OperatingSystem.IsWindows() ? new ProcessStartInfo("cmd", ["/c", "npm", "ci"]) : new ProcessStartInfo("npm", ["ci"]);
        start.WorkingDirectory = folder;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using var npm = Process.Start(start)
            ?? throw new InvalidOperationException("npm did not start. The tests need Node.js 20 or later.");
        var output = npm.StandardOutput.ReadToEndAsync();
        var errors = npm.StandardError.ReadToEndAsync();
        if (!npm.WaitForExit(WaitLimit.Program))
            npm.Kill(entireProcessTree: true);
        npm.WaitForExit();
        if (npm.ExitCode != 0)
            throw new InvalidOperationException($"npm ci in {folder} ended with {npm.ExitCode}:\n{output.Result}\n{errors.Result}");
        File.Copy(Path.Combine(folder, "package-lock.json"), GetStampPath(folder), overwrite: true);
    }
}
