namespace Microsoft.Azure.Functions.Worker;

/// <summary>What a caller must show to reach an HTTP function.</summary>
public enum AuthorizationLevel
{
    /// <summary>Nothing.</summary>
    Anonymous,

    /// <summary>A signed-in user. Nothing here can check that, so the generator refuses it.</summary>
    User,

    /// <summary>The function key or the admin key.</summary>
    Function,

    /// <summary>The admin key.</summary>
    System,

    /// <summary>The admin key.</summary>
    Admin,
}
