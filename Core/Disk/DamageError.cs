namespace Factory.Core.Disk;

/// <summary>A directory whose files are not those that its manifest lists: it was cut off or changed after it was written. No other failure is damage.</summary>
public sealed class DamageError : UserError
{
    public DamageError(string message) : base(message) { }

    public DamageError(string message, Exception cause) : base(message, cause) { }
}
