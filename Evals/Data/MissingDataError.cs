using Factory.Core;

namespace Factory.Evals.Data;

/// <summary>A data set's file is not where it is looked for.</summary>
public sealed class MissingDataError(string message) : UserError(message);
