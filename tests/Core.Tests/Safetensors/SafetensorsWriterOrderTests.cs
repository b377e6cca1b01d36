using Factory.Core.Safetensors;

namespace Factory.Core.Tests.Safetensors;

public sealed class SafetensorsWriterOrderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SafetensorsWriter _writer;

    public SafetensorsWriterOrderTests()
    {
        _writer = new SafetensorsWriter(_folder.At("a.safetensors"));
        _writer.Declare("first", ElementType.Int32, [2]);
        _writer.Declare("second", ElementType.Int32, [1]);
    }

    [Fact]
    public void Data_of_a_later_tensor_is_refused() => Assert.Throws<InvalidOperationException>(() => _writer.Write<int>("second", [1]));

    [Fact]
    public void Data_of_an_undeclared_tensor_is_refused() => Assert.Throws<InvalidOperationException>(() => _writer.Write<int>("third", [1]));

    [Fact]
    public void A_second_tensor_of_the_same_name_is_refused() => Assert.Throws<InvalidOperationException>(() => _writer.Declare("first", ElementType.Int32, [1]));

    [Fact]
    public void A_declaration_after_data_is_refused()
    {
        _writer.Write<int>("first", [1]);
        Assert.Throws<InvalidOperationException>(() => _writer.Declare("third", ElementType.Int32, [1]));
    }

    [Fact]
    public void More_data_than_declared_is_refused() => Assert.Throws<InvalidOperationException>(() => _writer.Write<int>("first", [1, 2, 3]));

    [Fact]
    public void Data_after_the_last_tensor_is_refused()
    {
        _writer.Write<int>("first", [1, 2]);
        _writer.Write<int>("second", [3]);
        Assert.Throws<InvalidOperationException>(() => _writer.Write<int>("second", [4]));
    }

    [Fact]
    public void Finishing_with_a_tensor_missing_is_refused()
    {
        _writer.Write<int>("first", [1, 2]);
        Assert.Throws<InvalidOperationException>(_writer.Finish);
    }

    [Fact]
    public void A_file_that_exists_is_not_overwritten() => Assert.Throws<IOException>(() => new SafetensorsWriter(_folder.At("a.safetensors")));

    public void Dispose()
    {
        _writer.Dispose();
        _folder.Dispose();
    }
}
