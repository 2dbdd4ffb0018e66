import CMicrohttpd

extension MHD_Result {
  static var yes: MHD_Result { HAVOC_MHD_YES }
  static var no: MHD_Result { HAVOC_MHD_NO }
}
