namespace Factory.Core.Safetensors;

/// <summary>The format's spelling and width of an element type.</summary>
internal static class ElementTypeName
{
    public static string Text(ElementType type) => type switch
    {
        ElementType.Float64 => "F64",
        ElementType.Float32 => "F32",
        ElementType.Float16 => "F16",
        ElementType.BFloat16 => "BF16",
        ElementType.Int64 => "I64",
        ElementType.Int32 => "I32",
        ElementType.UInt8 => "U8",
    };

    public static int Bytes(ElementType type) => type switch
    {
        ElementType.Float64 or ElementType.Int64 => 8,
        ElementType.Float32 or ElementType.Int32 => 4,
        ElementType.Float16 or ElementType.BFloat16 => 2,
        ElementType.UInt8 => 1,
    };

    public static ElementType? Parse(string? name)
    {
        foreach (ElementType type in Enum.GetValues<ElementType>())
        {
            if (Text(type) == name)
            {
                return type;
            }
        }
        return null;
    }
}
