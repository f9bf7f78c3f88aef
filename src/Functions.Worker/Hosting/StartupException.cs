namespace Functions.Worker.Hosting;

/// <summary>The reason why the app cannot start, written for the person who starts it.</summary>
internal sealed class StartupException(string message, Exception? innerException = null) : Exception(message, innerException);
