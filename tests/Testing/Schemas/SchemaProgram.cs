using System.Globalization;

namespace Philotes.Testing.Schemas;

/// <summary>
/// A history of one table, made from a seed: changes of rows and of the schema in a random order, alone and in transactions, with a model of
/// what Postgres does with each. The key <c>id</c> is never changed.
/// </summary>
public sealed class SchemaProgram
{
    /// <summary>The steps of the schema that are tried in all pairs.</summary>
    public static readonly IReadOnlyList<string> Steps =
    [
        "add", "add default", "add not null", "drop", "rename", "swap names", "drop and add", "drop and add other", "widen", "retype",
        "not null", "identity", "truncate", "rename table", "noise",
    ];

    private readonly Random _random;
    private readonly List<ModelColumn> _columns = [];
    private readonly Dictionary<int, Dictionary<ModelColumn, string?>> _rows = [];
    private readonly List<string> _open = [];
    private readonly HashSet<string> _dropped = [];
    private bool _reuses;
    private string _name;
    private int _numbers;
    private int _values;
    private bool _isFull;

    private SchemaProgram(string table, int seed)
    {
        Table = table;
        _name = table;
        _random = new Random(seed);
        Add("id", ModelType.Integer);
        Add("a", Pick());
        Add("b", Pick());
        Create = $"create table {table} ({string.Join(", ", _columns.Select(column => $"{column.Name} {column.Type.Sql}"))}, primary key (id))";
    }

    public string Table { get; }

    public string Create { get; }

    /// <summary>To be run in order, each as one command.</summary>
    public List<string> Commands { get; } = [];

    public List<ModelEvent> Events { get; } = [];

    /// <summary>
    /// Whether the stream and the catalog tell which column is which. They do not where one transaction drops a column and gives its name to another:
    /// its rows before and after are told alike.
    /// </summary>
    public bool IsDecidable { get; private set; } = true;

    /// <summary>The columns that the table has at the end.</summary>
    public IReadOnlyList<ModelColumn> Columns => _columns;

    /// <summary>Rows, a step, rows, another step, rows; in one transaction or each on its own.</summary>
    public static SchemaProgram OfPair(string table, int seed, string first, string second, bool inOneTransaction)
    {
        var program = new SchemaProgram(table, seed);
        foreach (var step in new[] { first, second })
        {
            program.Rows();
            program.Step(step);
        }

        program.Rows();
        program.Close(inOneTransaction);
        return program;
    }

    /// <summary>A history of any steps. Those of every other seed give no name to another column within a transaction, so that most histories are decidable.</summary>
    public static SchemaProgram Random(string table, int seed)
    {
        var program = new SchemaProgram(table, seed);
        for (var i = program._random.Next(3, 9); i > 0; i--)
        {
            program.Rows();
            program.Step(Steps[program._random.Next(Steps.Count)]);
            if (program._random.Next(3) > 0)
                program.Close(program._random.Next(2) == 0 && !(program._reuses && seed % 2 == 0));
        }

        program.Rows();
        program.Close(inOneTransaction: false);
        return program;
    }

    private void Close(bool inOneTransaction)
    {
        Commands.AddRange(inOneTransaction ? [$"begin; {string.Join("; ", _open)}; commit"] : _open);
        IsDecidable &= !(inOneTransaction && _reuses);
        _open.Clear();
        _dropped.Clear();
        _reuses = false;
    }

    private void Rows()
    {
        for (var i = _random.Next(1, 4); i > 0; i--)
        {
            switch (_rows.Count == 0 ? 0 : _random.Next(4))
            {
                case 0 or 1:
                    Insert();
                    break;
                case 2:
                    Update(_rows.Keys.ElementAt(_random.Next(_rows.Count)));
                    break;
                default:
                    Delete(_rows.Keys.ElementAt(_random.Next(_rows.Count)));
                    break;
            }
        }
    }

    private void Insert()
    {
        var id = ++_values;
        var row = _columns.ToDictionary(column => column, column => column.Name == "id" ? Text(id) : !column.IsRequired && _random.Next(5) == 0 ? null : column.Type.Text(++_values));
        _rows.Add(id, row);
        _open.Add($"insert into {_name} ({string.Join(", ", _columns.Select(column => column.Name))}) values ({string.Join(", ", _columns.Select(column => Literal(row[column])))})");
        Tell('i', row);
    }

    private void Update(int id)
    {
        var column = _columns[_random.Next(_columns.Count)];
        var row = _rows[id];
        var assignment = "id = id";
        if (column.Name != "id")
        {
            row[column] = column.Type.Text(++_values);
            assignment = $"{column.Name} = {Literal(row[column])}";
        }

        _open.Add($"update {_name} set {assignment} where id = {Text(id)}");
        Tell('u', row);
    }

    private void Delete(int id)
    {
        _open.Add($"delete from {_name} where id = {Text(id)}");
        Tell('d', _isFull ? _rows[id] : _rows[id].ToDictionary(value => value.Key, value => value.Key.Name == "id" ? value.Value : null));
        _rows.Remove(id);
    }

    private void Tell(char op, Dictionary<ModelColumn, string?> row) => Events.Add(new ModelEvent(
        op, [.. _columns.Select(column => new ModelValue(column, column.Name, column.Place(), row.GetValueOrDefault(column), column.Type.Quoted))]));

    /// <summary>A step that the table is not made for adds a column instead.</summary>
    private void Step(string step)
    {
        var free = _columns.Where(column => column.Name != "id").ToList();
        var any = free.Count == 0 ? null : free[_random.Next(free.Count)];
        switch (step)
        {
            case "add default":
                AddWith($"default {Literal(NextOf(Pick(), out var type))}", type);
                break;
            case "add not null":
                AddWith($"default {Literal(NextOf(Pick(), out var needed))} not null", needed).IsRequired = true;
                break;
            case "drop" when any is not null:
                Drop(any);
                break;
            case "rename" when any is not null:
                var renamed = Free();
                _open.Add($"alter table {_name} rename column {any.Name} to {renamed}");
                any.Name = renamed;
                _reuses |= _dropped.Contains(renamed);
                break;
            case "swap names" when free.Count > 1:
                Swap(free[0], free[1]);
                break;
            case "drop and add" or "drop and add other" when any is not null:
                var again = (any.Name, Type: step == "drop and add" ? any.Type : Pick());
                Drop(any);
                _open.Add($"alter table {_name} add column {again.Name} {again.Type.Sql}");
                Add(again.Name, again.Type);
                break;
            case "widen" when free.Find(column => column.Type.Wider is not null) is { } narrow:
                _open.Add($"alter table {_name} alter column {narrow.Name} type {narrow.Type.Wider!.Sql}");
                narrow.Type = narrow.Type.Wider!;
                break;
            case "retype" when any is not null:
                Retype(any, Pick());
                break;
            case "not null" when free.Find(column => !column.IsRequired && _rows.Values.All(row => row.GetValueOrDefault(column) is not null)) is { } full:
                _open.Add($"alter table {_name} alter column {full.Name} set not null");
                full.IsRequired = true;
                break;
            case "not null" when free.Find(column => column.IsRequired) is { } required:
                _open.Add($"alter table {_name} alter column {required.Name} drop not null");
                required.IsRequired = false;
                break;
            case "identity":
                _isFull = !_isFull;
                _open.Add($"alter table {_name} replica identity {(_isFull ? "full" : "default")}");
                break;
            case "truncate":
                _open.Add($"truncate {_name}");
                _rows.Clear();
                foreach (var column in _columns)
                    column.Place();
                Events.Add(new ModelEvent('t', []));
                break;
            case "rename table":
                var name = $"{Table}_{Text(++_values)}";
                _open.Add($"alter table {_name} rename to {name}");
                _name = name;
                break;
            case "noise":
                _open.Add($"create index on {_name} (id)");
                _open.Add($"analyze {_name}");
                break;
            default:
                AddWith("", Pick());
                break;
        }
    }

    private ModelColumn AddWith(string constraint, ModelType type)
    {
        var name = Free();
        _open.Add($"alter table {_name} add column {name} {type.Sql} {constraint}");
        var column = Add(name, type);
        foreach (var row in _rows.Values)
            row[column] = constraint.Length == 0 ? null : type.Text(_values);
        return column;
    }

    private void Drop(ModelColumn column)
    {
        _open.Add($"alter table {_name} drop column {column.Name}");
        _columns.Remove(column);
        _dropped.Add(column.Name);
    }

    private void Swap(ModelColumn one, ModelColumn other)
    {
        _open.Add($"alter table {_name} rename column {one.Name} to swap");
        _open.Add($"alter table {_name} rename column {other.Name} to {one.Name}");
        _open.Add($"alter table {_name} rename column swap to {other.Name}");
        (one.Name, other.Name) = (other.Name, one.Name);
    }

    /// <summary>Every row gets one value, and no event tells so.</summary>
    private void Retype(ModelColumn column, ModelType type)
    {
        if (type == column.Type)
            return;
        column.Type = type;
        var value = NextOf(type, out _);
        _open.Add($"alter table {_name} alter column {column.Name} drop default, alter column {column.Name} type {type.Sql} using {Literal(value)}::{type.Sql}");
        foreach (var row in _rows.Values)
            row[column] = value;
    }

    private ModelColumn Add(string name, ModelType type)
    {
        _reuses |= _dropped.Contains(name);
        var column = new ModelColumn(++_numbers, name, type);
        _columns.Add(column);
        return column;
    }

    private string NextOf(ModelType type, out ModelType of)
    {
        of = type;
        return type.Text(++_values);
    }

    private string Free() => Enumerable.Range('a', 20).Select(letter => ((char)letter).ToString()).First(name => _columns.All(column => column.Name != name));

    private ModelType Pick() => ModelType.All[_random.Next(ModelType.All.Count)];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Literal(string? text) => text is null ? "null" : $"'{text}'";
}
