namespace Factory.Runtime.Engine;

/// <summary>Who goes first when not all requests can run at once.</summary>
public enum RequestPriority
{
    /// <summary>Someone is waiting for the answer.</summary>
    Interactive,

    /// <summary>Work that may wait, an evaluation for example. It never takes the last slots, so that interactive requests find one.</summary>
    Batch,
}
