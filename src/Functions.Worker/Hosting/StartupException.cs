namespace Functions.Worker.Hosting;

/// <summary>A reason not to start, in words for the person who starts the app.</summary>
internal sealed class StartupException(string message, Exception? innerException = null) : Exception(message, innerException);
