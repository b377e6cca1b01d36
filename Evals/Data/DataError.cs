using Factory.Core;

namespace Factory.Evals.Data;

/// <summary>A data set's file is missing or malformed. The message says where it lies; <see cref="Problem"/> says the same without naming folders of this machine.</summary>
public class DataError : UserError
{
    /// <param name="folder">The data folder; empty for a file of the user's own.</param>
    /// <param name="problem">One sentence that begins with the file's name below <paramref name="folder"/>.</param>
    public DataError(string folder, string problem, Exception? cause = null)
        : base(folder.Length == 0 ? problem : Path.Combine(folder, problem), cause!) => Problem = problem;

    /// <summary>For a derived error that says more in its message.</summary>
    protected DataError(string message, string problem) : base(message) => Problem = problem;

    /// <summary>The message for somebody else's eyes: names files relative to the data folder.</summary>
    public string Problem { get; }
}
