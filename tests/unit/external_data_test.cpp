#ifdef HAVE_ONNX_PROTO

#include "io/external_data.h"

#include <sys/stat.h>

#include <utility>

#include "io/model_writer.h"
#include "io/payload.h"
#include "io_support.h"
#include "surgery/model.h"

namespace surgery {
namespace {

namespace fs = std::filesystem;
using Entries = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view kData = "0123456789abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQR";  // 64 bytes

/// A model with one external initializer "w" of float[dim].
std::string model_with(const Entries& entries, int64_t dim = 16, int data_type = 1) {
  onnx::ModelProto proto;
  proto.set_ir_version(8);
  onnx::NodeProto& node = *proto.mutable_graph()->add_node();
  node.set_op_type("Identity");
  node.add_input("w");
  node.add_output("y");
  onnx::TensorProto& tensor = *proto.mutable_graph()->add_initializer();
  tensor.set_name("w");
  tensor.set_data_type(data_type);
  tensor.add_dims(dim);
  tensor.set_data_location(onnx::TensorProto::EXTERNAL);
  for (const auto& [key, value] : entries) {
    onnx::StringStringEntryProto& entry = *tensor.add_external_data();
    entry.set_key(key);
    entry.set_value(value);
  }
  return proto.SerializeAsString();
}

const Tensor& weight_of(const Model& model) { return *model.graph().find("w")->initializer(); }

std::string text_of(const Tensor& tensor) {
  const std::span<const std::byte> raw = tensor.bytes();
  return {reinterpret_cast<const char*>(raw.data()), raw.size()};
}

/// m/ with a data file w.bin, and secret.bin beside it.
struct Scene {
  Scene() {
    fs::create_directory(folder / "m");
    write_file(folder / "m/w.bin", kData);
    write_file(folder / "secret.bin", kData);
  }
  std::unique_ptr<Model> load_with(const Entries& entries, int64_t dim = 16, int data_type = 1) const {
    write_file(folder / "m/model.onnx", model_with(entries, dim, data_type));
    return load(folder / "m/model.onnx");
  }
  TempFolder folder;
};

TEST_CASE("external data is read in place") {
  const Scene scene;
  const auto model = scene.load_with({{"location", "w.bin"}, {"offset", "4"}, {"length", "8"}}, 2);
  CHECK(text_of(weight_of(*model)) == kData.substr(4, 8));
  CHECK(weight_of(*model).storage()->external_location() == "w.bin");
  CHECK_FALSE(payload_fault(weight_of(*model)));
  CHECK_FALSE(payload_warning(weight_of(*model)));
}

TEST_CASE("external data without offset and length starts at the front and takes what the dims need") {
  const Scene scene;
  CHECK(text_of(weight_of(*scene.load_with({{"location", "w.bin"}}, 3))) == kData.substr(0, 12));
}

TEST_CASE("a tensor outlives its model") {
  const Scene scene;
  auto model = scene.load_with({{"location", "w.bin"}});
  const Tensor tensor = weight_of(*model);
  model.reset();
  fs::remove_all(scene.folder / "m");
  CHECK_THROWS_AS(tensor.bytes(), Error);  // mapped on first use, which is now
}

TEST_CASE("a tensor of no elements needs no data file") {
  const Scene scene;
  CHECK(weight_of(*scene.load_with({{"location", "nowhere.bin"}}, 0)).bytes().empty());
}

struct Refusal {
  std::string_view name;
  Entries entries;
  std::string_view error;
};

TEST_CASE("locations, offsets and lengths that are not allowed are refused when the data is used") {
  const Refusal refusals[] = {
      {"parent", {{"location", "../secret.bin"}}, "location '../secret.bin' leaves the model's folder"},
      {"inner parent",
       {{"location", "sub/../../secret.bin"}},
       "location 'sub/../../secret.bin' leaves the model's folder"},
      {"backslash parent", {{"location", "..\\secret.bin"}}, "location '..\\secret.bin' leaves the model's folder"},
      {"absolute", {{"location", "/etc/passwd"}}, "location '/etc/passwd' is absolute, expected one beside the model"},
      {"drive", {{"location", "C:w.bin"}}, "location 'C:w.bin' is absolute, expected one beside the model"},
      {"empty", {{"location", ""}}, "location '' is empty"},
      {"NUL", {{"location", std::string("w.bin\0x", 7)}}, "location 'w.bin\\x00x' has a NUL character"},
      {"memory tag",
       {{"location", "*/_ORT_MEM_ADDR_/*"}},
       "location '*/_ORT_MEM_ADDR_/*' is a memory address of another program"},
      {"no location", {{"offset", "0"}}, "the key 'location' is missing"},
      {"two locations", {{"location", "w.bin"}, {"location", "../secret.bin"}}, "the key 'location' is there twice"},
      {"missing file", {{"location", "nowhere.bin"}}, "location 'nowhere.bin': no such file"},
      {"folder", {{"location", "sub"}}, "is a directory"},
      {"pipe", {{"location", "pipe"}}, "not a regular file (a pipe or a device?)"},
      {"link out", {{"location", "link.bin"}}, "location 'link.bin': a link leads out of the model's folder"},
      {"negative offset", {{"location", "w.bin"}, {"offset", "-8"}}, "offset '-8' is not a decimal number below 2^63"},
      {"float offset", {{"location", "w.bin"}, {"offset", "1e9"}}, "offset '1e9' is not a decimal number below 2^63"},
      {"padded offset", {{"location", "w.bin"}, {"offset", " 8"}}, "offset ' 8' is not a decimal number below 2^63"},
      {"huge offset",
       {{"location", "w.bin"}, {"offset", "18446744073709551584"}},
       "offset '18446744073709551584' is not a decimal number below 2^63"},
      {"offset past the end",
       {{"location", "w.bin"}, {"offset", "4096"}},
       "bytes 4096 to 4096 + 64 of 'w.bin', which has 64"},
      {"end past the end", {{"location", "w.bin"}, {"offset", "1"}}, "bytes 1 to 1 + 64 of 'w.bin', which has 64"},
      {"sum overflows",
       {{"location", "w.bin"}, {"offset", "9223372036854775800"}},
       "bytes 9223372036854775800 to 9223372036854775800 + 64 of 'w.bin', which has 64"},
      {"length too small", {{"location", "w.bin"}, {"length", "60"}}, "length 60, expected 64 by its dims"},
      {"length too large", {{"location", "w.bin"}, {"length", "68"}}, "length 68, expected 64 by its dims"},
  };
  const Scene scene;
  fs::create_directory(scene.folder / "m/sub");
  REQUIRE(::mkfifo((scene.folder / "m/pipe").c_str(), 0600) == 0);
  fs::create_symlink("../secret.bin", scene.folder / "m/link.bin");
  for (const Refusal& refusal : refusals) {
    CAPTURE(refusal.name);
    const auto model = scene.load_with(refusal.entries);
    const std::string error = error_of([&] { weight_of(*model).bytes(); });
    CHECK(error.starts_with("tensor 'w': "));
    CHECK(error.ends_with(refusal.error));
    CHECK(payload_fault(weight_of(*model)) == error);
  }
}

TEST_CASE("strings cannot be external, and external data excludes data in the model") {
  const Scene scene;
  CHECK(payload_fault(weight_of(*scene.load_with({{"location", "w.bin"}}, 2, 8))) ==
        "tensor 'w': strings cannot be external data");
  onnx::ModelProto proto = proto_of_bytes(model_with({{"location", "w.bin"}}));
  proto.mutable_graph()->mutable_initializer(0)->set_raw_data(std::string(kData));
  const LoadedModel both = load_source(proto.SerializeAsString(), scene.folder / "m/model.onnx");
  CHECK(payload_fault(weight_of(*both.model)) == "tensor 'w': it has external data and data of its own");
}

TEST_CASE("a data file with several hard links is read with a warning") {
  const Scene scene;
  fs::create_hard_link(scene.folder / "secret.bin", scene.folder / "m/link.bin");
  const auto model = scene.load_with({{"location", "link.bin"}});
  CHECK_FALSE(payload_fault(weight_of(*model)));
  CHECK(payload_warning(weight_of(*model)) ==
        "the data file 'link.bin' has several hard links: it may also lie outside the model's folder");
}

TEST_CASE("model and data may both be links into one folder, as model caches have them") {
  const Scene scene;
  scene.load_with({{"location", "link.bin"}});
  fs::rename(scene.folder / "m", scene.folder / "blobs");
  fs::create_directory(scene.folder / "m");
  fs::create_symlink("../blobs/model.onnx", scene.folder / "m/model.onnx");
  fs::create_symlink("../blobs/w.bin", scene.folder / "m/link.bin");
  CHECK(text_of(weight_of(*load(scene.folder / "m/model.onnx"))) == kData);
}

TEST_CASE("a link to a model finds the data beside the real file") {
  const Scene scene;
  scene.load_with({{"location", "w.bin"}});
  fs::create_symlink("m/model.onnx", scene.folder / "shortcut.onnx");
  CHECK(text_of(weight_of(*load(scene.folder / "shortcut.onnx"))) == kData);
}

TEST_CASE("a bare file name is looked up in the working folder") {
  const Scene scene;
  scene.load_with({{"location", "../secret.bin"}});
  const fs::path old = fs::current_path();
  fs::current_path(scene.folder / "m");
  const auto bad = load("model.onnx");
  CHECK(payload_fault(weight_of(*bad)).has_value());
  scene.load_with({{"location", "w.bin"}});
  const auto good = load("model.onnx");
  CHECK_FALSE(payload_fault(weight_of(*good)));
  fs::current_path(old);
}

// ---- Writing ----------------------------------------------------------------------------------------------------

TEST_CASE("external data stays external in the same folder, also under a new name") {
  const Scene scene;
  const auto model = scene.load_with({{"location", "w.bin"}, {"offset", "4"}}, 2);
  model->graph().rename(*model->graph().find("w"), "renamed");
  CHECK(save(*model, scene.folder / "m/out.onnx").empty());
  const onnx::ModelProto proto = proto_of_bytes(read_file(scene.folder / "m/out.onnx"));
  CHECK(proto.graph().initializer(0).name() == "renamed");
  CHECK(proto.graph().initializer(0).external_data_size() == 2);
  CHECK(proto.graph().initializer(0).external_data(0).value() == "w.bin");
}

TEST_CASE("an external tensor under another value stays external") {
  const Scene scene;
  const auto model = scene.load_with({{"location", "w.bin"}, {"offset", "4"}}, 2);
  model->graph().add_initializer("copy", weight_of(*model).reshaped({1, 2}));
  save(*model, scene.folder / "m/out.onnx");
  const auto again = load(scene.folder / "m/out.onnx");
  const Tensor& copy = *again->graph().find("copy")->initializer();
  CHECK(copy.storage()->external_location() == "w.bin");
  CHECK(copy.dims() == std::vector<int64_t>{1, 2});
  CHECK(text_of(copy) == kData.substr(4, 8));
}

TEST_CASE("a model that moves to an enclosing folder gets its locations adjusted") {
  const Scene scene;
  const auto model = scene.load_with({{"location", "w.bin"}, {"offset", "4"}}, 2);
  CHECK(save(*model, scene.folder / "out.onnx") ==
        std::vector<std::string>{"the location of external data 'w.bin' is written relative to the new folder"});
  const auto again = load(scene.folder / "out.onnx");
  CHECK(weight_of(*again).storage()->external_location() == "m/w.bin");
  CHECK(text_of(weight_of(*again)) == kData.substr(4, 8));
}

TEST_CASE("a model that moves elsewhere gets a copy of its external data") {
  const Scene scene;
  const auto model = scene.load_with({{"location", "w.bin"}, {"offset", "4"}}, 2);
  fs::create_directory(scene.folder / "other");
  CHECK(save(*model, scene.folder / "other/out.onnx") ==
        std::vector<std::string>{
            "external data of 'w.bin' is not below the new folder and was copied to 'out.onnx.data'"});
  CHECK(read_file(scene.folder / "other/out.onnx.data") == kData.substr(4, 8));
  const auto again = load(scene.folder / "other/out.onnx");
  CHECK(weight_of(*again).storage()->external_location() == "out.onnx.data");
  CHECK(text_of(weight_of(*again)) == kData.substr(4, 8));
}

TEST_CASE("external tensors in attributes and subgraphs move too") {
  const Scene scene;
  onnx::ModelProto proto = proto_of_bytes(model_with({{"location", "w.bin"}}));
  onnx::GraphProto inner;
  *inner.add_initializer() = proto.graph().initializer(0);
  onnx::NodeProto& constant = *inner.add_node();
  constant.set_op_type("Constant");
  constant.add_output("k");
  onnx::AttributeProto& value = *constant.add_attribute();
  value.set_name("value");
  value.set_type(onnx::AttributeProto::TENSOR);
  *value.mutable_t() = proto.graph().initializer(0);
  onnx::NodeProto& node = *proto.mutable_graph()->add_node();
  node.set_op_type("If");
  onnx::AttributeProto& branch = *node.add_attribute();
  branch.set_name("then_branch");
  branch.set_type(onnx::AttributeProto::GRAPH);
  *branch.mutable_g() = inner;
  write_file(scene.folder / "m/model.onnx", proto.SerializeAsString());
  const auto model = load(scene.folder / "m/model.onnx");
  fs::create_directory(scene.folder / "other");
  save(*model, scene.folder / "other/out.onnx", {.weights = WeightPlace::kInline});
  const onnx::ModelProto after = proto_of_bytes(read_file(scene.folder / "other/out.onnx"));
  const onnx::GraphProto& branch_after = after.graph().node(1).attribute(0).g();
  CHECK(branch_after.initializer(0).raw_data() == kData);
  CHECK(branch_after.node(0).attribute(0).t().raw_data() == kData);
  CHECK(branch_after.node(0).attribute(0).t().name() == "w");
}

TEST_CASE("a data file that is missing matters only where it has to move") {
  const Scene scene;
  const auto model = scene.load_with({{"location", "nowhere.bin"}});
  model->set_ir_version(9);
  CHECK_NOTHROW(save(*model, scene.folder / "m/out.onnx"));
  fs::create_directory(scene.folder / "other");
  CHECK(error_of([&] { save(*model, scene.folder / "other/out.onnx"); }) ==
        "tensor 'w': external data: location 'nowhere.bin': no such file");
  CHECK_FALSE(fs::exists(scene.folder / "other/out.onnx"));
}

TEST_CASE("a model over the limit has its weights in a data file by itself") {
  const auto model = create_model(17);
  std::vector<std::byte> elements(3000);
  for (size_t i = 0; i < elements.size(); ++i) elements[i] = static_cast<std::byte>(i % 251);
  for (const char* name : {"a", "b"}) {
    model->graph().add_initializer(name, Tensor::from_values<std::byte>(DataType::kUint8, {3000}, elements));
  }
  model->graph().add_initializer("small", Tensor::scalar(1.0F));
  const TempFolder folder;
  CHECK(ModelWriter::save(*model, folder / "out.onnx", {}, 4096) ==
        std::vector<std::string>{"the model has more than 4.0 KiB; its weights are in 'out.onnx.data'"});
  CHECK(fs::file_size(folder / "out.onnx") < 500);
  CHECK(fs::file_size(folder / "out.onnx.data") == 3008 + 3000);
  const auto again = load(folder / "out.onnx");
  for (const char* name : {"a", "b"}) {
    const Tensor& tensor = *again->graph().find(name)->initializer();
    CHECK(tensor.storage()->external_location() == "out.onnx.data");
    CHECK(identical(tensor, *model->graph().find(name)->initializer()));
  }
  CHECK(again->graph().find("small")->initializer()->storage()->external_location().empty());
  CHECK(
      error_of([&] { ModelWriter::save(*model, folder / "none.onnx", {}, 100); }).ends_with("over the limit of 100 B"));
  CHECK_FALSE(fs::exists(folder / "none.onnx"));
}

TEST_CASE("a model over the limit that comes from a file is written whole as well") {
  const Scene scene;
  onnx::ModelProto proto = proto_of_bytes(model_with({}));
  onnx::TensorProto& tensor = *proto.mutable_graph()->mutable_initializer(0);
  tensor.set_dims(0, 2048);
  tensor.clear_data_location();
  tensor.set_raw_data(std::string(8192, 'x'));
  write_file(scene.folder / "m/model.onnx", proto.SerializeAsString());
  const auto model = load(scene.folder / "m/model.onnx");
  fs::create_directory(scene.folder / "other");
  CHECK(ModelWriter::save(*model, scene.folder / "other/out.onnx", {}, 4096).size() == 1);
  const auto again = load(scene.folder / "other/out.onnx");
  CHECK(text_of(weight_of(*again)) == std::string(8192, 'x'));
  CHECK(weight_of(*again).storage()->external_location() == "out.onnx.data");
}

// ---- Where weights go when it is said ---------------------------------------------------------------------------

/// Two files, an odd offset, and a small tensor in the model.
std::unique_ptr<Model> load_mixed(const Scene& scene) {
  write_file(scene.folder / "m/v.bin", "??" + std::string(3000, 'v'));
  onnx::ModelProto proto = proto_of_bytes(model_with({{"location", "w.bin"}}));
  onnx::GraphProto& graph = *proto.mutable_graph();
  onnx::TensorProto& large = *graph.add_initializer();
  large = graph.initializer(0);
  large.set_name("v");
  large.set_dims(0, 750);
  large.mutable_external_data(0)->set_value("v.bin");
  onnx::StringStringEntryProto& offset = *large.add_external_data();
  offset.set_key("offset");
  offset.set_value("2");
  onnx::TensorProto& inside = *graph.add_initializer();
  inside.set_name("i");
  inside.set_data_type(1);
  inside.add_dims(500);
  inside.set_raw_data(std::string(2000, 'i'));
  inside.set_doc_string("kept");
  write_file(scene.folder / "m/model.onnx", proto.SerializeAsString());
  return load(scene.folder / "m/model.onnx");
}

std::string text_of(const Model& model, std::string_view name) {
  return text_of(*model.graph().find(name)->initializer());
}

std::string location_of(const Model& model, std::string_view name) {
  return std::string(model.graph().find(name)->initializer()->storage()->external_location());
}

TEST_CASE("several data files, at any offset, are read and stay apart") {
  const Scene scene;
  const auto model = load_mixed(scene);
  CHECK(text_of(*model, "w") == kData);
  CHECK(text_of(*model, "v") == std::string(3000, 'v'));
  model->set_doc_string("d");
  save(*model, scene.folder / "m/out.onnx", {.weights = WeightPlace::kReused});
  const auto again = load(scene.folder / "m/out.onnx");
  CHECK(location_of(*again, "w") == "w.bin");
  CHECK(location_of(*again, "v") == "v.bin");
  CHECK(location_of(*again, "i").empty());
  CHECK(text_of(*again, "v") == std::string(3000, 'v'));
}

TEST_CASE("all weights from the threshold on go to one data file, the others into the model") {
  const Scene scene;
  const auto model = load_mixed(scene);
  save(*model, scene.folder / "m/out.onnx", {.weights = WeightPlace::kExternal});
  const auto again = load(scene.folder / "m/out.onnx");
  CHECK(location_of(*again, "w").empty());
  CHECK(location_of(*again, "v") == "out.onnx.data");
  CHECK(location_of(*again, "i") == "out.onnx.data");
  for (const char* name : {"w", "v", "i"}) CHECK(text_of(*again, name) == text_of(*model, name));
  const onnx::ModelProto proto = proto_of_bytes(read_file(scene.folder / "m/out.onnx"));
  CHECK(proto.graph().initializer(2).doc_string() == "kept");
  CHECK(fs::file_size(scene.folder / "m/out.onnx.data") < 6000);

  save(*model, scene.folder / "m/all.onnx",
       {.weights = WeightPlace::kExternal, .data_file = "all.bin", .min_external_bytes = 0});
  const auto all = load(scene.folder / "m/all.onnx");
  for (const char* name : {"w", "v", "i"}) {
    CHECK(location_of(*all, name) == "all.bin");
    CHECK(text_of(*all, name) == text_of(*model, name));
  }
}

TEST_CASE("weights that go out and come in again give the same content") {
  const Scene scene;
  const auto model = load_mixed(scene);
  save(*model, scene.folder / "m/out.onnx", {.weights = WeightPlace::kExternal});
  save(*load(scene.folder / "m/out.onnx"), scene.folder / "m/in.onnx", {.weights = WeightPlace::kInline});
  const onnx::ModelProto proto = proto_of_bytes(read_file(scene.folder / "m/in.onnx"));
  for (const onnx::TensorProto& tensor : proto.graph().initializer()) {
    CHECK_FALSE(tensor.has_data_location());
    CHECK(tensor.external_data_size() == 0);
    CHECK(tensor.raw_data() == text_of(*model, tensor.name()));
  }
}

TEST_CASE("writing a data file twice does not make it grow, in place as well") {
  const Scene scene;
  load_mixed(scene);
  const fs::path model = scene.folder / "m/model.onnx";
  save(*load(model), model, {.weights = WeightPlace::kExternal, .data_file = "v.bin"});
  const auto size = fs::file_size(scene.folder / "m/v.bin");
  const std::string bytes = read_file(model);
  save(*load(model), model, {.weights = WeightPlace::kExternal, .data_file = "v.bin"});
  CHECK(fs::file_size(scene.folder / "m/v.bin") == size);
  CHECK(read_file(model) == bytes);
  CHECK(text_of(*load(model), "v") == std::string(3000, 'v'));
}

TEST_CASE("options about weights that cannot be met are refused and nothing is written") {
  const Scene scene;
  const auto model = load_mixed(scene);
  fs::create_directory(scene.folder / "other");
  const auto inside = create_model(17);
  struct Case {
    std::string_view output;
    SaveOptions options;
    std::string_view error;
  };
  const Case cases[] = {
      {"m/out.onnx",
       {.weights = WeightPlace::kExternal, .data_file = "w.bin"},
       "which would no longer fit it; name another"},
      {"m/out.onnx",
       {.weights = WeightPlace::kExternal, .data_file = "../w.bin"},
       "external data: location '../w.bin' leaves the model's folder"},
      {"m/out.onnx",
       {.weights = WeightPlace::kExternal, .data_file = "out.onnx"},
       "external data: 'out.onnx' is the model itself"},
      {"other/out.onnx", {.weights = WeightPlace::kReused}, "where alone a model can name it"},
  };
  for (const Case& refusal : cases) {
    CAPTURE(refusal.error);
    CHECK(error_of([&] { save(*model, scene.folder / refusal.output, refusal.options); }).ends_with(refusal.error));
    CHECK_FALSE(fs::exists(scene.folder / refusal.output));
  }
  CHECK(read_file(scene.folder / "m/w.bin") == kData);
  CHECK(error_of([&] { save(*inside, scene.folder / "x.onnx", {.weights = WeightPlace::kReused}); }) ==
        "there is no data file to reuse: the weights lie in the model");
  const auto small = load_mixed(scene);
  CHECK(error_of([&] {
          ModelWriter::save(*small, scene.folder / "m/x.onnx", {.weights = WeightPlace::kInline}, 1000);
        }).find("with its weights inside the model has ") != std::string::npos);
}

}  // namespace
}  // namespace surgery

#endif
