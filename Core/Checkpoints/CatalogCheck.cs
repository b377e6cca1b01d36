using Factory.Core.Architecture;
using Factory.Core.Safetensors;

namespace Factory.Core.Checkpoints;

/// <summary>Are these the tensors of that architecture? The one place where a file of weights is held against the catalog.</summary>
public static class CatalogCheck
{
    private const int NamesShown = 5;

    /// <summary>Requires every tensor of the catalog by name and shape, in a floating type, and no other.</summary>
    /// <param name="found">Tensors that the files hold.</param>
    /// <param name="where">File or folder, for the message.</param>
    /// <param name="mayStand">Which further tensors do no harm; null: none.</param>
    /// <exception cref="UserError">Tensors are missing, too many, or of another shape or type; the message names them.</exception>
    public static void Require(IReadOnlyList<ParameterSpec> catalog, IEnumerable<TensorEntry> found, string where, Func<string, bool>? mayStand = null)
    {
        Dictionary<string, TensorEntry> entries = found.ToDictionary(entry => entry.Name);
        string[] missing = [.. catalog.Select(parameter => parameter.Name).Where(name => !entries.ContainsKey(name))];
        HashSet<string> known = [.. catalog.Select(parameter => parameter.Name)];
        string[] strangers = [.. entries.Keys.Where(name => !known.Contains(name) && mayStand?.Invoke(name) != true)];
        if (missing.Length > 0 || strangers.Length > 0)
        {
            throw new UserError($"{where}: expected the {catalog.Count} tensors that config.json calls for; missing: {List(missing)}; unexpected: {List(strangers)}. Is this the configuration of these weights?");
        }
        foreach (ParameterSpec parameter in catalog)
        {
            TensorEntry entry = entries[parameter.Name];
            if (!entry.Shape.SequenceEqual(parameter.Shape))
            {
                throw new UserError($"{where}: expected '{parameter.Name}' of shape [{string.Join(", ", parameter.Shape)}] as config.json says, found [{string.Join(", ", entry.Shape)}]. "
                    + "Is this the configuration of these weights?");
            }
            if (!entry.IsFloating)
            {
                throw new UserError($"{where}: expected '{parameter.Name}' in float64, float32, float16 or bfloat16, found {entry.Type}. Quantized weights are not read.");
            }
        }
    }

    private static string List(string[] names) =>
        names.Length == 0 ? "none" : string.Join(", ", names.Take(NamesShown)) + (names.Length > NamesShown ? $" and {names.Length - NamesShown} more" : "");
}
